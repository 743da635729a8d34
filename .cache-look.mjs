import { chromium } from 'playwright'
import { chromiumFlags, requireBrowser } from './scripts/browser.js'
import { serve } from './scripts/serve.js'
import { mkdirSync } from 'node:fs'
const out='/tmp/shots/m'; mkdirSync(out,{recursive:true})
const server = await serve({folder:'/tmp/w/models/dist',port:0})
const browser = await chromium.launch({ executablePath: requireBrowser(), args: chromiumFlags })
for (const [name,w,h] of [['phone',390,844],['desk',1440,900]]) {
  const ctx=await browser.newContext({viewport:{width:w,height:h},locale:'en-GB',colorScheme:name==='phone'?'dark':'light'}); const page=await ctx.newPage()
  page.on('console',m=>{if(m.type()!=='log'&&!/KHR|GPU stall|look-at|lookAt|GL Driver/.test(m.text()))console.log(name,m.type(),m.text().slice(0,300))}); page.on('pageerror',e=>console.log('PAGEERROR',String(e).slice(0,400)))
  await page.goto(server.url)
  await page.waitForFunction(()=>globalThis.proscenium?.show.curtain==='open',undefined,{timeout:60000})
  const shot=async(n)=>{await page.screenshot({path:`${out}/${name}-${n}.png`})}
  await page.evaluate(async()=>{ const s=await proscenium.studio(); s.access.current={host:'http://localhost:8090',token:''} })
  await page.getByRole('button',{name:'Talk',exact:true}).click(); await page.waitForTimeout(900); await shot('1talk')
  await page.getByRole('textbox').last().fill('Tell me a story'); await page.keyboard.press('Enter'); await page.waitForTimeout(1500); await shot('2nomodel')
  await page.waitForFunction(()=>document.querySelector('.models li'),undefined,{timeout:20000}); await page.waitForTimeout(500); await shot('3models')
  await page.locator('.models li',{hasText:'LFM2.5 350M'}).getByRole('button',{name:/Fetch/}).click()
  await page.waitForFunction(async()=>{const {shelf}=await proscenium.studio(); const m=shelf.models.find(m=>m.id==='lfm2.5-350m'); return shelf.presence(m).kind==='here'},undefined,{timeout:30000}).catch(e=>console.log('fetch',String(e).slice(0,200)))
  await page.locator('.models li',{hasText:'LFM2.5 350M'}).scrollIntoViewIfNeeded(); await page.waitForTimeout(300); await shot('4here')
  await page.locator('.models li',{hasText:'LFM2.5 350M'}).getByRole('button',{name:'Use'}).click().catch(e=>console.log(String(e).slice(0,200)))
  await page.waitForTimeout(6000); await shot('5use')
  await page.getByRole('button',{name:'Talk',exact:true}).click(); await page.waitForTimeout(800)
  await page.getByRole('textbox').last().fill('Once upon a time'); await page.keyboard.press('Enter')
  await page.waitForTimeout(5000); await shot('6answer')
  console.log(await page.evaluate(async()=>{const {talk}=await proscenium.studio(); return JSON.stringify([talk.phase,talk.messages]).slice(0,900)}))
  await ctx.close()
}
await browser.close(); await server.close(); process.exit(0)
